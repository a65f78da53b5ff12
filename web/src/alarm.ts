// The alarm of a console. What alarms is what the page's piece `#alarm` says; this sounds it, flashes title and icon, and
// says in the bar whether this tab would be heard at all. The stream brings the piece itself, so that nothing is asked for
// between an alert and its sound; while there is no stream the page asks. A console that has lost its node, or its
// session, alarms by itself: nothing that it shows is to be believed then.

import htmx from "htmx.org";
import { Siren } from "./siren";
import { isHearing } from "./stream";
import type { Tone } from "./sounds";

const CHECKED = "comity-alarm-checked";
const ON_WATCH = "comity-on-watch";
const NOTICED = "comity-alarm-noticed";
const LOOK_EVERY = 2;
/** Seconds between two looks while the node is heard: what changes is told, and the silence of its heart is noticed. */
const LOOK_EVERY_HEARD = 180;
/** Seconds without an answer after which a console says aloud that it has lost its node. */
const LOST_AFTER = 5;

type Told = { visit: string; state: string; language: string; mark: string; piece: string };

const root = document.documentElement;
const title = document.title;
let isChecking = false;
let failingSince = 0;
let ticks = 1;
let siren: Siren;

function findShown(): HTMLElement | null {
  return document.querySelector<HTMLElement>("#alarm");
}

function findVisit(): string {
  return document.body.dataset["visit"] ?? "";
}

function isUnguarded(): boolean {
  return findVisit() === "" && sessionStorage.getItem(ON_WATCH) !== null;
}

function isLost(): boolean {
  return failingSince !== 0 && ticks - failingSince >= LOST_AFTER;
}

function findTone(): Tone | "" {
  const said = findShown()?.dataset["tone"] ?? "";
  if (said === "flash" || said === "call") return said;
  return isLost() || isUnguarded() ? "lost" : "";
}

function isChecked(): boolean {
  return sessionStorage.getItem(CHECKED) === findVisit();
}

function apply(): void {
  const tone = findTone();
  if (tone !== "") siren.sound(tone);
  else if (!isChecking) siren.stop();
  notice(tone);
  flash(tone);
  root.dataset["sounding"] = siren.sounding;
  root.dataset["guard"] = siren.guard === "armed" && !isChecked() ? "unchecked" : siren.guard;
  const unguarded = document.querySelector<HTMLElement>("#unguarded");
  if (unguarded !== null) unguarded.hidden = !isUnguarded();
  const strip = document.querySelector<HTMLElement>("#guard");
  if (strip === null) return;
  strip.hidden = siren.guard === "elsewhere" || (siren.guard === "armed" && isChecked());
  strip.dataset["step"] = isChecking ? "checking" : (root.dataset["guard"] ?? "");
}

/** What is less than urgent is heard once, and not at all in quiet hours: then the node names none. */
function notice(tone: Tone | ""): void {
  const id = findShown()?.dataset["notice"] ?? "";
  if (id === "" || localStorage.getItem(NOTICED) === id) return;
  if (tone !== "" || siren.guard !== "armed") return;
  localStorage.setItem(NOTICED, id);
  siren.sound("notice");
}

let isAlerting = "";

function flash(tone: Tone | ""): void {
  const says = tone === "lost" ? (document.body.dataset["lost"] ?? "") : (findShown()?.dataset["title"] ?? "");
  const isLit = tone !== "" && (matchMedia("(prefers-reduced-motion: reduce)").matches || ticks % 2 === 0);
  document.title = tone === "" ? title : isLit ? `⚠ ${says}` : `${says} · ${title}`;
  const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  const wished = document.body.dataset[isLit ? "iconAlert" : "icon"] ?? "";
  if (icon !== null && icon.getAttribute("href") !== wished) icon.setAttribute("href", wished);
  if (tone === isAlerting) return;
  isAlerting = tone;
  if (tone !== "" && document.hidden) notify(says);
}

/** What an operating system shows may be seen by anybody: it says that there is something, and nothing of it. */
function notify(says: string): void {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification(says, { tag: "comity-alarm", requireInteraction: true });
  shown.addEventListener("click", () => {
    window.focus();
    shown.close();
  });
}

async function arm(): Promise<void> {
  if (!(await siren.arm())) {
    apply();
    return;
  }
  isChecking = true;
  siren.sound("flash", true);
  apply();
}

function look(): void {
  const shown = findShown();
  if (shown !== null) htmx.trigger(shown, "comity:look", {});
}

/** Show what the stream brought, if it is for this page; else this page asks for its own. */
function show(told: Told): void {
  const shown = findShown();
  if (shown === null) return;
  const isOurs = told.visit === findVisit() && told.state === document.body.dataset["stream"];
  if (!isOurs || told.language !== root.lang) look();
  else if (shown.getAttribute("hx-get")?.endsWith(`=${told.mark}`) !== true)
    htmx.swap(shown, told.piece, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
}

function tick(): void {
  ticks += 1;
  if (ticks % (isHearing() && failingSince === 0 ? LOOK_EVERY_HEARD : LOOK_EVERY) === 0) look();
  document.body.dispatchEvent(new CustomEvent("comity:tick"));
  void siren.look();
  apply();
}

function startTicking(): void {
  const path = document.body.dataset["tick"];
  if (path === undefined || !("Worker" in window)) {
    setInterval(tick, 1000);
    return;
  }
  const worker = new Worker(path);
  worker.addEventListener("message", tick);
}

function follow(): void {
  const fail = (): void => {
    if (failingSince === 0) failingSince = ticks;
    apply();
  };
  document.body.addEventListener("htmx:sendError", fail);
  document.body.addEventListener("htmx:timeout", fail);
  document.body.addEventListener("htmx:responseError", (event) => {
    if ((event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr.status >= 500) fail();
  });
  document.body.addEventListener("htmx:afterOnLoad", () => {
    failingSince = 0;
    apply();
  });
  document.body.addEventListener("htmx:afterSettle", apply);
  document.body.addEventListener("comity:begun", () => {
    failingSince = 0;
    apply();
  });
  document.body.addEventListener("comity:renew", () => {
    if (!isHearing()) look();
  });
  document.body.addEventListener("comity:alarms", (event) => {
    show((event as CustomEvent<Told>).detail);
  });
}

function press(target: Element): void {
  if (target.closest("[data-arm]") !== null) void arm();
  if (target.closest("[data-heard]") !== null) {
    sessionStorage.setItem(CHECKED, findVisit());
    isChecking = false;
    apply();
  }
  if (target.closest("[data-notify]") !== null && "Notification" in window) void Notification.requestPermission();
}

/** What stands at the top is as high as there is to say; the rail begins below it. */
function measureTop(): void {
  const top = document.querySelector<HTMLElement>(".top");
  if (top === null || !("ResizeObserver" in window)) return;
  new ResizeObserver(() => {
    root.style.setProperty("--top", `${top.offsetHeight}px`);
  }).observe(top);
}

export function startAlarm(): void {
  measureTop();
  siren = new Siren(document.body.dataset["realm"] === "exercise", apply);
  if (findVisit() !== "") sessionStorage.setItem(ON_WATCH, "1");
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element) press(event.target);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form instanceof HTMLFormElement && form.getAttribute("action") === "/sign-out") sessionStorage.removeItem(ON_WATCH);
  });
  // Any touch is a gesture, so whoever works here is heard; only the check wants its own button. Not before it is let go:
  // once armed, the strip at the top goes, and what is being pressed must not move away from under the finger.
  for (const gesture of ["pointerup", "keydown"])
    document.addEventListener(gesture, () => {
      if (!siren.isAllowed) void siren.arm();
    });
  follow();
  startTicking();
  void siren.arm();
  void siren.look();
}
