// Times as the reader's clock has them, and those that run.
"use strict";

const two = (number) => String(number).padStart(2, "0");

function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function ago(date) {
  const minutes = Math.round((Date.now() - date) / 60000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.round(minutes / 60)} h ago`;
  return date.toLocaleDateString(undefined, { year: "numeric", month: "short", day: "numeric" });
}

function tell() {
  for (const each of document.querySelectorAll("time[data-since]")) {
    each.textContent = duration((Date.now() - new Date(each.dataset.since)) / 1000);
  }
  for (const each of document.querySelectorAll("time[datetime]")) {
    const date = new Date(each.dateTime);
    each.title = date.toLocaleString();
    each.textContent = "clock" in each.dataset ? date.toLocaleTimeString([], { hourCycle: "h23" }) : ago(date);
  }
}

document.addEventListener("DOMContentLoaded", tell);
document.addEventListener("htmx:load", tell);
setInterval(tell, 1000);
