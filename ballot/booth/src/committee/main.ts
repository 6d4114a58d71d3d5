// The committee's script: what only a browser may do, because the service must not: make a member's key, and sign acts.
// Each part looks for its own elements and does nothing on pages that have none of them. All words stand in the pages.

import { startKey } from "./key.ts";
import { startPasskeys } from "./passkey.ts";
import { startSigning } from "./signing.ts";
import { startWelcome } from "./welcome.ts";

startKey();
startPasskeys();
startSigning();
startWelcome();
