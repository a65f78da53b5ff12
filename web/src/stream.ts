// What happens at the node, as it happens. One tab of a browser listens, for browsers open few connections to one host;
// it tells the others. Each event becomes one on the body, and live pieces renew themselves on `comity:renew`, at most
// as often as the node lets each of so many consoles. What alarms waits for none of it: the stream brings it whole.
// A stream that is down is asked after: then pages renew every two seconds, as if there were none.
//
// Where the last statement was stays in the tab over a new page, a sign-in, a new start of the node: from there it is
// listened on, and what was missed meanwhile is said.

import htmx from "htmx.org";
import { formatDtg } from "./clock";

type Heard = { name: string; position: string; detail: Record<string, unknown> };

const NAMES: Record<string, string> = {
  begun: "comity:begun",
  stated: "comity:stated",
  "standing-changed": "comity:standing",
  "link-changed": "comity:link",
  "alarm-raised": "comity:alarm",
  alarms: "comity:alarms",
  pace: "comity:pace",
  "approvals-changed": "comity:approvals",
  heartbeat: "comity:heartbeat",
  ended: "comity:ended",
};
/** What says nothing of what pages show; what alarms is shown as it is told. */
const QUIET = new Set(["heartbeat", "alarms", "pace"]);
const SILENT_MS = 12_000;
const PROBE_TICKS = 2;
const RENEW_MS = 150;
const POSITION = "comity-position";
const LOST = "comity-lost-at";

let source: EventSource | null = null;
let channel: BroadcastChannel | null = null;
let isLeading = false;
/** Until it was heard for the first time, too. */
let isDown = true;
let heardAt = performance.now();
let lastAt = 0;
let renewing = 0;
let askedCount = 0;
let renewedAt = -RENEW_MS;
let renewMs = RENEW_MS;
/** When what was asked for is due. */
let dueAt = 0;
let ticks = 0;

/** Whether the node is heard: what changes is told, and nobody need ask. */
export function isHearing(): boolean {
  return !isDown;
}

function ask(): void {
  clearTimeout(renewing);
  renewing = 0;
  renewedAt = performance.now();
  askedCount += 1;
  document.body.dispatchEvent(new CustomEvent("comity:renew"));
}

/** Have every live piece ask for itself anew: at once, and then no more often than every so often. */
function renew(): void {
  if (renewing !== 0) return;
  const now = performance.now();
  // Where many consoles heard the same, each asks at a moment of its own.
  const every = isDown ? RENEW_MS : renewMs;
  dueAt = Math.max(renewedAt + every, now + Math.random() * (every - RENEW_MS));
  // Timers of a page that nobody looks at are slow: without one where it may be, and at the next tick at the latest.
  if (dueAt <= now) ask();
  else renewing = window.setTimeout(ask, dueAt - now);
}

/** A piece that was asked for while it was under way is asked for once more: that is lost with the piece it replaces. */
function watchPieces(): void {
  type Sent = CustomEvent<{ xhr?: XMLHttpRequest }>;
  const askedBefore = new WeakMap<XMLHttpRequest, number>();
  document.body.addEventListener("htmx:beforeSend", (event) => {
    const sent = (event as Sent).detail.xhr;
    if (sent !== undefined) askedBefore.set(sent, askedCount);
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const piece = event.target;
    const sent = (event as Sent).detail.xhr;
    if (sent === undefined || !(piece instanceof Element) || !piece.matches("#live, #alarm")) return;
    if (piece.id === "alarm" && isHearing()) return; // it is told
    // It alone: pieces that asked for each other would never come to an end.
    if (askedBefore.get(sent) !== askedCount) htmx.trigger(piece, "comity:look", {});
  });
}

function hear(heard: Heard): void {
  heardAt = performance.now();
  isDown = heard.name === "ended";
  if (heard.position !== "") sessionStorage.setItem(POSITION, heard.position);
  if (typeof heard.detail["at"] === "number") lastAt = heard.detail["at"];
  const name = NAMES[heard.name];
  if (name === undefined) return;
  if (heard.name === "begun") sayMissed(heard.detail);
  document.body.dispatchEvent(new CustomEvent(name, { detail: heard.detail }));
  if (heard.name === "pace") renewMs = Math.max(RENEW_MS, Number(heard.detail["renew_ms"]));
  if (heard.name === "begun") catchUp();
  else if (!QUIET.has(heard.name)) renew();
}

/** Have everything ask for itself anew, for what changed while nobody listened was told to nobody. */
function catchUp(): void {
  document.body.dispatchEvent(new CustomEvent("comity:catch-up"));
  renew();
}

/** Say from when to when the node was not heard, and how much was stated meanwhile. */
function sayMissed(begun: Record<string, unknown>): void {
  const from = sessionStorage.getItem(LOST);
  const shown = document.querySelector<HTMLElement>("#missed");
  if (from === null || shown === null) return;
  sessionStorage.removeItem(LOST);
  const fill = (what: string, text: string): void => {
    const place = shown.querySelector<HTMLElement>(`[data-${what}]`);
    if (place !== null) place.textContent = text;
  };
  fill("from", formatDtg(new Date(Number(from))));
  fill("to", formatDtg(new Date(Number(begun["at"]))));
  fill("count", String(begun["missed_count"]));
  for (const part of shown.querySelectorAll<HTMLElement>("[data-whole]")) part.hidden = begun["is_whole"] !== true;
  for (const part of shown.querySelectorAll<HTMLElement>("[data-unknown]")) part.hidden = begun["is_whole"] === true;
  shown.hidden = false;
}

function noteLost(): void {
  if (sessionStorage.getItem(LOST) === null && lastAt !== 0) sessionStorage.setItem(LOST, String(lastAt));
}

function connect(): void {
  const after = sessionStorage.getItem(POSITION) ?? "";
  source = new EventSource(`/watch/stream?after=${encodeURIComponent(after)}`);
  for (const name of Object.keys(NAMES)) {
    source.addEventListener(name, (event) => {
      const heard = { name, position: event.lastEventId, detail: JSON.parse(event.data as string) as Heard["detail"] };
      hear(heard);
      channel?.postMessage(heard);
      if (name === "ended") source?.close();
    });
  }
  source.addEventListener("error", () => {
    isDown = true;
    renew();
  });
}

function look(): void {
  ticks += 1;
  if (renewing !== 0 && performance.now() >= dueAt) ask();
  if (ticks % PROBE_TICKS !== 0) return;
  if (performance.now() - heardAt > SILENT_MS) isDown = true;
  if (!isDown) return;
  renew();
  const isSilent = performance.now() - heardAt > SILENT_MS;
  if (isLeading && source !== null && (source.readyState === EventSource.CLOSED || isSilent)) {
    heardAt = performance.now();
    source.close();
    connect();
  }
}

export function startStream(): void {
  if (document.body.dataset["stream"] === undefined) return;
  lastAt = Number(document.querySelector<HTMLElement>("#now-z")?.dataset["ms"] ?? 0);
  document.body.addEventListener("comity:lost", noteLost);
  const lose = (): void => {
    isDown = true; // until it is heard again
    renew();
  };
  window.addEventListener("offline", lose);
  window.addEventListener("online", lose);
  document.querySelector("#missed [data-dismiss]")?.addEventListener("click", () => {
    const shown = document.querySelector<HTMLElement>("#missed");
    if (shown !== null) shown.hidden = true;
  });
  const lead = (): Promise<void> => {
    isLeading = true;
    connect();
    return new Promise<void>(() => undefined); // for as long as this page is there
  };
  if ("locks" in navigator && "BroadcastChannel" in window) {
    channel = new BroadcastChannel("comity-stream");
    channel.addEventListener("message", (event) => hear(event.data as Heard));
    void navigator.locks.request("comity-stream", lead);
  } else {
    void lead();
  }
  watchPieces();
  document.body.addEventListener("comity:tick", look); // once a second, from a clock that is never slowed
  catchUp(); // what came between the page and its stream
}
