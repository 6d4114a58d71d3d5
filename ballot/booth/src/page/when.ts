// Dates in the election's time zone and time left by the service's clock: the clock of a phone may be wrong by days.
// Browsers do not know the months of every language of ours, so their names are among the texts.

import type { Texts } from "./texts.ts";

const MINUTE = 60_000; // milliseconds

/** "Friday, 5 March 2027, 20:00 (Tbilisi time)" */
export function dateTime(texts: Texts, at: string, zone: string): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, year: "numeric", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  const part = Object.fromEntries(format.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  const [year, month, day] = [Number(part["year"]), Number(part["month"]), Number(part["day"])];
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  return texts.say("dateTime", {
    year,
    day,
    month: texts.say("months").split("|")[month - 1]!,
    weekday: texts.say("weekdays").split("|")[weekday]!,
    time: `${part["hour"]}:${part["minute"]}`,
    zone: texts.say(`zone.${zone}`) || zone,
  });
}

/** "2 days 3 hours", "59 minutes": two units at most. */
export function duration(texts: Texts, milliseconds: number): string {
  const minutes = Math.floor(milliseconds / MINUTE);
  const units = [["days", Math.floor(minutes / 1440)], ["hours", Math.floor(minutes / 60) % 24], ["minutes", minutes % 60]] as const;
  const first = units.findIndex(([, count]) => count > 0);
  if (first < 0) return texts.say("lastMinute");
  return units.slice(first, first + 2).filter(([, count]) => count > 0).map(([unit, count]) => texts.say(unit, { count })).join(" ");
}

/** The service's clock: what it said, and how long ago that was by a clock that nobody sets. */
export class Clock {
  private readonly heard = performance.now();
  private readonly said: number;

  constructor(now: string) {
    this.said = Date.parse(now);
  }

  /** Milliseconds until then; 0 when it is over. */
  until(at: string): number {
    return Math.max(0, Date.parse(at) - this.said - (performance.now() - this.heard));
  }
}
