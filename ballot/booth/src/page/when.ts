// Dates in the election's time zone and time left by the service's clock: the clock of a phone may be wrong by days.
// Browsers do not know the months of every language of ours, so their names are among the texts.

import type { Texts } from "./texts.ts";

const MINUTE = 60_000; // milliseconds

/** "Friday, 5 March 2027, 20:00 (Tbilisi time)" */
export function dateTime(texts: Texts, at: string, zone: string): string {
  // "05/03/2027, 20:00:00"
  const [day, month, year, hour, minute] = new Date(at).toLocaleString("en-GB", { timeZone: zone }).match(/\d+/g)!;
  const weekday = new Date(`${year}-${month}-${day}`).getUTCDay();
  const word = (list: string, i: number): string => texts.say(list).split("|")[i]!;
  return texts.say("dateTime", {
    year: year!,
    day: Number(day),
    month: word("months", Number(month) - 1),
    weekday: word("weekdays", weekday),
    time: `${hour}:${minute}`,
    zone: texts.say(`zone.${zone}`) || zone,
  });
}

/** "2 days 3 hours", "59 minutes": two units at most. */
export function duration(texts: Texts, milliseconds: number): string {
  const minutes = Math.floor(milliseconds / MINUTE);
  const counts = { days: Math.floor(minutes / 1440), hours: Math.floor(minutes / 60) % 24, minutes: minutes % 60 };
  const parts = Object.entries(counts).filter(([, count]) => count).map(([unit, count]) => texts.say(unit, { count }));
  return parts.slice(0, 2).join(" ") || texts.say("lastMinute");
}

/** The service's clock: what it said, and how long ago that was by a clock that nobody sets. */
export class Clock {
  private readonly ahead: number;

  constructor(now: string) {
    this.ahead = Date.parse(now) - performance.now();
  }

  /** Milliseconds until then; 0 when it is over. */
  until(at: string): number {
    return Math.max(0, Date.parse(at) - this.ahead - performance.now());
  }
}
