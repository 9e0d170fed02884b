// Keeps a workflow's page up to date: listens to its events, fetches the panels at most once a second,
// says when the connection is lost and when it is back.
"use strict";

const EVERY = 1000;
const AGAIN = 2000;

document.addEventListener("DOMContentLoaded", () => {
  const live = document.getElementById("live");
  if (!live || !live.dataset.live) return;
  const shown = document.getElementById("connection");
  let source = null;
  let cursor = live.dataset.cursor;
  let due = null;
  let last = 0;
  let lost = false;

  function refresh() {
    if (due) return;
    due = setTimeout(() => {
      due = null;
      last = Date.now();
      htmx.trigger(live, "live");
    }, Math.max(0, last + EVERY - Date.now()));
  }

  function say(state, words) {
    shown.hidden = false;
    shown.className = `connection ${state}`;
    if (shown.textContent !== words) shown.textContent = words;
  }

  function listen() {
    source = new EventSource(`${live.dataset.live}?cursor=${cursor}`);
    for (const type of live.dataset.types.split(" ")) {
      source.addEventListener(type, (event) => {
        cursor = event.lastEventId;
        refresh();
      });
    }
    source.onopen = () => {
      say("on", lost ? "Live again" : "Live");
      if (lost) refresh();
      lost = false;
    };
    source.onerror = () => {
      lost = true;
      say("off", "Connection lost, trying again");
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN);
    };
  }

  function again() {
    source.close();
    listen();
    refresh();
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? source.close() : again()));
  window.addEventListener("offline", () => source.onerror());
  window.addEventListener("online", again);
  listen();
});

// A panel that came as it was is left alone: what a person has opened or begun to type stays.
const before = new Map([...document.querySelectorAll("[id^=panel-]")].map((panel) => [panel.id, panel.innerHTML]));
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (!before.has(target.id)) return;
  if (before.get(target.id) === fragment.innerHTML) event.detail.shouldSwap = false;
  before.set(target.id, fragment.innerHTML);
  target.dataset.open = [...target.querySelectorAll("details[open][id]")].map((each) => each.id).join(" ");
});
document.addEventListener("htmx:oobAfterSwap", (event) => {
  for (const id of (event.detail.target.dataset.open || "").split(" ").filter(Boolean)) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
});

// What has changed is read out, and stands in the title.
document.addEventListener("htmx:afterSettle", () => {
  const head = document.querySelector("[data-say]");
  if (!head) return;
  const heard = document.getElementById("announcement");
  if (heard.textContent !== head.dataset.say) heard.textContent = head.dataset.say;
  document.title = head.dataset.title;
});
document.addEventListener("htmx:afterSettle", () => {
  for (const fault of document.querySelectorAll("[id^=fault-]")) {
    const field = document.getElementById(fault.id.slice("fault-".length));
    if (field) field.setAttribute("aria-invalid", String(fault.textContent.trim() !== ""));
  }
});
