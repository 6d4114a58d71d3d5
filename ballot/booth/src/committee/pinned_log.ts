// The log that a member signs for. The browser remembers it for each key and election and never lets it change: a service
// that names another one later would have two logs with the same members' approvals (A55). It is public, and stays when
// a session ends; where a browser keeps nothing, the member compares each time.

import { b64 } from "../base64url.ts";

const place = (key: Uint8Array, election: string): string => `es1-log/${election}/${b64(key)}`;

/** The log id remembered, base64url; null for none. */
export function pinnedLog(key: Uint8Array, election: string): string | null {
  try {
    return localStorage.getItem(place(key, election));
  } catch {
    return null; // storage is switched off
  }
}

/** Remembers the log that was signed for. */
export function pinLog(key: Uint8Array, election: string, log: string): void {
  try {
    localStorage.setItem(place(key, election), log);
  } catch {
    // as above
  }
}
