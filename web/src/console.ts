// Everything that runs on every page. Each page works without it; with it, keys work and what changes is shown.

import htmx from "htmx.org";
import { startAlarm } from "./alarm";
import { startClock } from "./clock";
import { startDialogs } from "./dialogs";
import { startFolds } from "./folds";
import { startKeys } from "./keys";
import { startLink } from "./link";
import { startPlace } from "./place";
import { startPrinting } from "./printing";
import { startPlay } from "./play";
import { startPalette } from "./palette";
import { startStream } from "./stream";
import { startTimes } from "./times";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}

window.htmx = htmx;

startKeys();
startDialogs();
startFolds();
startPlace();
startLink();
startClock();
startAlarm();
startPrinting();
startStream();
startPalette();
startTimes();
startPlay();
