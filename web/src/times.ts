// How far an instant is from now, beside its date-time group: "in 12 min.", in the reader's language, by the node's clock.

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

function format(ms: number, words: Intl.RelativeTimeFormat): string {
  const [unit, size] = UNITS.find(([, least]) => Math.abs(ms) >= least) ?? ["minute", 60_000];
  return words.format(Math.trunc(ms / size), unit);
}

export function startTimes(): void {
  const clock = document.querySelector<HTMLElement>("#now-z");
  if (clock === null) return;
  const saidMs = Number(clock.dataset["ms"]);
  const began = performance.now();
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always", style: "short" });
  const show = (): void => {
    const now = saidMs + performance.now() - began;
    for (const place of document.querySelectorAll<HTMLElement>("[data-ago]")) {
      const text = format(Number(place.dataset["ago"]) - now, words);
      if (place.textContent !== text) place.textContent = text;
    }
  };
  show();
  setInterval(show, 5_000);
  document.body.addEventListener("htmx:afterSettle", show);
}
