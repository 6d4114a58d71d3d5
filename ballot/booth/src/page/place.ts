// Which election this page is of, and where its public pages are.

import { texts } from "./words.ts";

export let election: string;

/** Said once, at the start. */
export function settle(of: string): void {
  election = of;
}

/** The address of a page of this election, in the page's language. */
export const page = (name: string): string => `/elections/${election}${name}?lang=${texts.language}`;
