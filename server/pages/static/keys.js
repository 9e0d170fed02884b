// Shortcuts; none while a person types.
"use strict";

const PLACES = { w: "/app", n: "/app/new" };
let going = false;

function focus(selector) {
  const found = document.querySelector(selector);
  if (found) {
    found.focus();
    found.scrollIntoView({ block: "start" });
  }
  return Boolean(found);
}

function help() {
  const keys = document.getElementById("keys");
  keys.open = !keys.open;
  keys.querySelector("summary").focus();
  return true;
}

const KEYS = {
  "/": () => focus("#search"),
  a: () => focus("[data-question]"),
  t: () => focus("#todos"),
  "?": help,
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const place = going && PLACES[event.key];
  going = event.key === "g";
  if (place) location.assign(place);
  else if (Object.hasOwn(KEYS, event.key) && KEYS[event.key]()) event.preventDefault();
});
