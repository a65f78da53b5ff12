// How far an instant is from now, beside its date-time group: "in 12 min.", in the reader's language, by the node's clock.

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

function format(ms: number, words: Intl.RelativeTimeFormat, now: string): string {
  const found = UNITS.find(([, least]) => Math.abs(ms) >= least);
  return found === undefined ? now : words.format(Math.trunc(ms / found[1]), found[0]);
}

export function startTimes(): void {
  const clock = document.querySelector<HTMLElement>("#now-z");
  if (clock === null) return;
  const saidMs = Number(clock.dataset["ms"]);
  const began = performance.now();
  const language = document.documentElement.lang;
  const words = new Intl.RelativeTimeFormat(language, { numeric: "always", style: "short" });
  const now = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(0, "second");
  const show = (): void => {
    const nowMs = saidMs + performance.now() - began;
    for (const place of document.querySelectorAll<HTMLElement>("[data-ago]")) {
      const text = format(Number(place.dataset["ago"]) - nowMs, words, now);
      if (place.textContent !== text) place.textContent = text;
    }
  };
  show();
  setInterval(show, 5_000);
  document.body.addEventListener("htmx:afterSettle", show);
}
