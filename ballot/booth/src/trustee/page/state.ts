// What the page holds while it is open: the opened file, what seals it again, the log that was checked. Nothing is stored by
// the browser; closing the page forgets everything. Owner: the one screen that is shown.

import type { Bytes } from "../../bytes.ts";
import type { Lock } from "../../keyfile.ts";
import type { TrusteeFile } from "../file.ts";
import type { CheckedLog } from "../log/verify.ts";

export interface Work {
  /** as it was last saved, and proved to be saved */
  file: TrusteeFile;
  /** made from the passphrase, which is not kept */
  lock: Lock;
  /** the bytes of the saved file */
  saved: Bytes;
  log: CheckedLog | null;
  /** whether a second copy of this very state was opened */
  backedUp: boolean;
}
