"use strict";

// The list of all pictures is loaded when somebody first searches: a gallery opened
// from a disk may load scripts, but no other files.
const AT_ONCE = 100;
const MARK = "#search=";
const [form, field, found, pictures, results, more] =
  ["form", "#words", "#found", "#pictures", "#results", "#more"]
    .map((name) => document.querySelector(name));
const pages = document.querySelector("nav");
const count = found.textContent;
let all = null;
let matches = [];

function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

// Called by captions.js.
function showPictures(rows) {
  all = rows.map((row) => [...row, ` ${plain(`${row[0]} ${row[1]}`).replace(/[^\p{L}\p{N}]+/gu, " ")}`]);
  search();
}

function figure([caption, name, file, width, height]) {
  const item = document.createElement("li");
  const frame = item.appendChild(document.createElement("figure"));
  const link = frame.appendChild(document.createElement("a"));
  link.href = `pictures/${file}`;
  const image = link.appendChild(document.createElement("img"));
  Object.assign(image, { loading: "lazy", src: `thumbnails/${file}`, alt: caption, width, height });
  const below = frame.appendChild(document.createElement("figcaption"));
  for (const [tag, text] of [["span", caption], ["small", name]]) {
    const line = below.appendChild(document.createElement(tag));
    line.dir = "auto";
    line.textContent = text;
  }
  return item;
}

function showMore() {
  const shown = results.children.length;
  results.append(...matches.slice(shown, shown + AT_ONCE).map(figure));
  more.hidden = results.children.length >= matches.length;
  return results.children[shown];
}

function search() {
  const text = field.value.trim();
  for (const part of [pictures, pages]) if (part) part.hidden = text !== "";
  results.hidden = more.hidden = text === "";
  results.replaceChildren();
  if (text === "") found.textContent = count;
  // So that who comes back from a picture finds what was searched.
  location.replace(`${MARK}${encodeURIComponent(text)}`);
  if (text === "") return;
  if (all === null) {
    load();
    return;
  }
  const words = plain(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  matches = all.filter((row) => words.every((word) => row.at(-1).includes(` ${word}`)));
  found.textContent = matches.length === 0
    ? "No picture has all of these words."
    : `${matches.length.toLocaleString("en")} of ${all.length.toLocaleString("en")} pictures`;
  showMore();
}

function load() {
  if (document.querySelector("script[src='captions.js']")) return;
  const script = document.createElement("script");
  script.src = "captions.js";
  script.onerror = () => {
    script.remove();
    found.textContent = "The file captions.js is missing; make the gallery again.";
  };
  document.head.append(script);
}

form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
field.addEventListener("input", search);
more.addEventListener("click", () => showMore()?.querySelector("a").focus());
field.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  field.value = "";
  search();
});
if (location.hash.startsWith(MARK)) {
  try {
    field.value = decodeURIComponent(location.hash.slice(MARK.length));
  } catch {
    // What somebody else has put there is no search.
  }
  search();
}
