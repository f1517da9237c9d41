// Pictures, drawn on a canvas: only formats of pixels, known by their first bytes, and nothing in them can run.

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
/** Pixels beyond which a picture is not drawn: a small file can hold a very large one. */
const MOST = 40e6;

/**
 * The picture format of some bytes, or an empty string.
 * @param {Uint8Array} bytes
 */
export const pictureType = (bytes) => FORMATS.find(([, is]) => is(bytes))?.[0] ?? "";

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string} type
 */
export function imageView(bytes, type) {
  const box = h("div", { class: "picture" });
  const draw = async () => {
    const bitmap = await createImageBitmap(new Blob([bytes], { type }));
    const { width, height } = bitmap;
    if (width * height > MOST) return void box.append(h("p", { class: "dim" }, `${width} × ${height}: too large to draw here.`));
    const canvas = h("canvas", { width, height, role: "img", "aria-label": `Picture, ${width} by ${height}` });
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    bitmap.close();
    box.append(canvas, h("p", { class: "dim" }, `${width} × ${height}, ${type.slice(6)}${type === "image/gif" ? ", first frame" : ""}`));
  };
  draw().catch(() => box.append(h("p", { class: "dim" }, "This browser cannot draw the picture; its bytes are under Hex.")));
  return box;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number[]} wanted
 */
const starts = (bytes, at, wanted) => wanted.every((byte, n) => bytes[at + n] === byte);
