// Pictures: only formats of pixels, known by their first bytes. Nothing in them can run, and none is loaded by its own URL.

import { h } from "../dom.js";

/** @type {[string, (bytes: Uint8Array) => boolean][]} */
const FORMATS = [
  ["image/png", (b) => starts(b, 0, [0x89, 0x50, 0x4e, 0x47])],
  ["image/jpeg", (b) => starts(b, 0, [0xff, 0xd8, 0xff])],
  ["image/gif", (b) => starts(b, 0, [0x47, 0x49, 0x46, 0x38])],
  ["image/webp", (b) => starts(b, 0, [0x52, 0x49, 0x46, 0x46]) && starts(b, 8, [0x57, 0x45, 0x42, 0x50])],
  ["image/avif", (b) => starts(b, 4, [0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69])],
  ["image/bmp", (b) => starts(b, 0, [0x42, 0x4d]) && starts(b, 6, [0, 0, 0, 0])],
];
/**
 * The picture format of some bytes, or an empty string.
 * @param {Uint8Array} bytes
 */
export const pictureType = (bytes) => FORMATS.find(([, is]) => is(bytes))?.[0] ?? "";

/**
 * @param {string} url of a blob
 * @param {string} type
 */
export function imageView(url, type) {
  const caption = h("p", { class: "dim" }, type.slice(6));
  const image = h("img", { src: url, alt: "The picture in the body" });
  image.addEventListener("load", () => (caption.textContent = `${image.naturalWidth} × ${image.naturalHeight}, ${type.slice(6)}`));
  image.addEventListener("error", () => {
    image.remove();
    caption.textContent = `This browser cannot show this ${type.slice(6)} picture; its bytes are under Hex.`;
  });
  return h("div", { class: "picture" }, image, caption);
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number[]} wanted
 */
const starts = (bytes, at, wanted) => wanted.every((byte, n) => bytes[at + n] === byte);
