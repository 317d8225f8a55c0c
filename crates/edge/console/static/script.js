// Makes pages follow what they show, and parts of them change in place. Everything works without it, but for that.
"use strict";

const root = document.documentElement;
root.classList.add("scripted");

/** The parts of a page that are exchanged, if the other page has them too. */
const PARTS = "[id^='part-']";
let latest = 0;
let source = null;

/** Whether somebody is writing in it. */
function isBusy(part) {
  const at = document.activeElement;
  const writes = at && part.contains(at) && at.matches("input:not([type=range]):not([type=search]), textarea");
  return Boolean(writes || part.querySelector("details.action[open]"));
}

function exchange(part, fresh) {
  if (part.innerHTML === fresh.innerHTML) return;
  const at = document.activeElement;
  const address = part.contains(at) ? at.getAttribute("href") : null;
  const kept = [...part.querySelectorAll("[data-keep]")].map((one) => [one.dataset.keep, one.scrollLeft, one.scrollTop]);
  const open = [...part.querySelectorAll("details[open] > summary")].map((one) => one.textContent);
  part.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
  for (const [name, left, top] of kept) {
    const one = [...part.querySelectorAll("[data-keep]")].find((other) => other.dataset.keep === name);
    if (one) [one.scrollLeft, one.scrollTop] = [left, top];
  }
  for (const summary of part.querySelectorAll("details > summary")) {
    if (open.includes(summary.textContent)) summary.parentElement.open = true;
  }
  if (address !== null) {
    const again = [...part.querySelectorAll("a[href]")].find((one) => one.getAttribute("href") === address);
    again?.focus({ preventScroll: true });
  }
}

/** Shows another state of this page. False: it couldn't be had. */
async function show(address, { keep = [] } = {}) {
  const turn = ++latest;
  let text;
  try {
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    if (!answer.ok) return false;
    text = await answer.text();
  } catch {
    return false;
  }
  if (turn !== latest) return true;
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const part of document.querySelectorAll(PARTS)) {
    const fresh = page.getElementById(part.id);
    if (fresh && !keep.includes(part.id) && !isBusy(part)) exchange(part, fresh);
  }
  const live = document.getElementById("live");
  const now = page.getElementById("live");
  if (live && now) {
    if (now.dataset.live) live.dataset.live = now.dataset.live;
    else delete live.dataset.live;
    follow();
  }
  return true;
}

/** Listens for changes of what is shown, as long as there can be any. */
function follow() {
  const address = document.getElementById("live")?.dataset.live;
  if (source) {
    if (address && new URL(source.url).pathname === new URL(address, location.href).pathname) return;
    source.close();
    source = null;
  }
  if (!address) return;
  source = new EventSource(address);
  source.addEventListener("changed", () => show(location.href));
  for (const last of ["over", "gone"]) {
    source.addEventListener(last, () => {
      source?.close();
      source = null;
      show(location.href);
    });
  }
}

// Browsers keep few connections to a host: a window that nobody sees gives its own back.
document.addEventListener("visibilitychange", () => {
  if (!document.getElementById("live")?.dataset.live) return;
  if (!document.hidden) {
    show(location.href);
  } else if (source) {
    source.close();
    source = null;
  }
});

/** Draws a picture of ours, larger than it is, and gives it to be kept. */
async function keep(address, name) {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  // Browsers have no larger ones.
  const scale = Math.min(2, 16_000 / picture.naturalWidth, 16_000 / picture.naturalHeight);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.naturalWidth * scale, picture.naturalHeight * scale].map(Math.ceil);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const drawn = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const link = document.createElement("a");
  [link.href, link.download] = [URL.createObjectURL(drawn), name];
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-png]");
  if (!link) return;
  event.preventDefault();
  keep(link.href, link.dataset.png);
});

function isSamePage(link) {
  return link.origin === location.origin && link.pathname === location.pathname && !link.hash;
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const address = new URL(link.getAttribute("href"), location.href);
  if (!document.getElementById("live") || !isSamePage(address)) return;
  event.preventDefault();
  history.pushState(null, "", address);
  if (!(await show(address))) location.assign(address);
});

addEventListener("popstate", async () => {
  if (document.getElementById("live") && !(await show(location.href))) location.reload();
});

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-steps]");
  if (!form || event.target.type !== "range") return;
  const address = new URL(location.href);
  for (const name of ["visit", "state", "page"]) address.searchParams.delete(name);
  if (event.target.value === event.target.max) address.searchParams.delete("event");
  else address.searchParams.set("event", event.target.value);
  history.replaceState(null, "", address);
  form.querySelector(".now").textContent = `event ${event.target.value} of ${event.target.max}`;
  // The slider stays what it is as long as it is held.
  show(address, { keep: ["part-steps"] });
});

document.addEventListener("change", (event) => {
  if (event.target.matches?.("form[data-steps] input[type=range]")) show(location.href);
});

/** Checks a definition while it is written. */
function check(form) {
  const turn = ++latest;
  const body = new URLSearchParams(new FormData(form));
  body.set("do", "check");
  fetch(form.action, { method: "POST", body }).then(async (answer) => {
    const text = await answer.text();
    if (turn !== latest) return;
    const page = new DOMParser().parseFromString(text, "text/html");
    for (const part of form.querySelectorAll(PARTS)) {
      const fresh = page.getElementById(part.id);
      if (fresh) exchange(part, fresh);
    }
  }, () => {});
}

let pause;
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-editor]");
  if (!form) return;
  clearTimeout(pause);
  pause = setTimeout(() => check(form), 250);
});

/** What is worth a look is brought into the middle of the graph's window. */
function look() {
  for (const canvas of document.querySelectorAll(".canvas")) {
    const drawn = canvas.querySelector(".chosen .box") ?? canvas.querySelector("rect.terminal") ?? canvas.querySelector("svg");
    if (!drawn) continue;
    const [inner, outer] = [drawn.getBoundingClientRect(), canvas.getBoundingClientRect()];
    canvas.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
    canvas.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
  }
}

look();
follow();
