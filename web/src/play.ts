// Exercise time while it runs: what the node said it showed, and how long ago that was by the node's own clock.

import { nodeTime } from "./clock";

function format(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

export function startPlay(): void {
  setInterval(() => {
    const now = nodeTime();
    if (now === null) return;
    for (const place of document.querySelectorAll<HTMLElement>("[data-play-runs]")) {
      const since = Math.max(0, now.getTime() - Number(place.dataset["playAt"]));
      place.textContent = format(Number(place.dataset["play"]) + since);
    }
  }, 1000);
}
