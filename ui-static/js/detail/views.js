// One content seen in several ways: a choice of views, built when they are first looked at.

import { h } from "../dom.js";
import { JsonTree } from "./json-tree.js";

/** @import { JsonNode } from "./json.js" */

export class Views {
  /** @param {string} label of the choice */
  constructor(label) {
    this.choice = h("span", { class: "seg", role: "group", "aria-label": label, hidden: true });
    this.content = h("div");
    /** Holds the path of the chosen line while a tree is shown. */
    this.bar = h("div", { hidden: true });
    /** @type {Node | null} */
    this.treeView = null;
    /** Shows another view, if it is offered. @type {(name: string) => void} */
    this.pick = () => {};
  }

  /** @param {[string, () => Node][]} views name and content; the first one is shown */
  offer(views) {
    /** @type {Map<string, Node>} */
    const built = new Map();
    const pick = (/** @type {string} */ name) => {
      const make = views.find(([view]) => view === name)?.[1];
      if (!make) return;
      if (!built.has(name)) built.set(name, make());
      const shown = built.get(name) ?? "";
      this.content.replaceChildren(shown);
      this.bar.hidden = shown !== this.treeView;
      for (const [at, [view]] of views.entries()) this.choice.children[at].setAttribute("aria-pressed", String(view === name));
    };
    this.treeView = null;
    this.pick = pick;
    this.choice.replaceChildren(...views.map(([view]) => h("button", { type: "button", onclick: () => pick(view) }, view)));
    this.choice.hidden = views.length < 2;
    if (views.length > 0) pick(views[0][0]);
    else this.content.replaceChildren();
  }

  /**
   * A view of what has structure; there is one at most.
   * @param {JsonNode} root
   * @param {string} label
   */
  tree(root, label) {
    const tree = new JsonTree(root, label);
    this.bar.replaceChildren(tree.pathbar);
    return (this.treeView = tree.element);
  }
}
