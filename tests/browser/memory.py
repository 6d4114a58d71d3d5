"""What a page's own program can reach: a walk over its objects and closures, from every listener and every global.

The browser's tools give the variables of closures; a function in the page looks at all that hangs on them: byte arrays
with the memory behind them, big integers, strings. What the engine has dropped and not yet overwritten is out of reach
for the program and for this walk. A heap snapshot has the strings of the whole page besides.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from playwright.async_api import CDPSession

# Walks from `this`. Returns the needles that were found, and the functions on the way, whose closures come next.
_WALK: Final = """function (needles) {
  const seen = (globalThis.seenByTheTest ??= new WeakSet());
  const found = new Set(), functions = [], queue = [this];
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const look = (text) => needles.forEach((needle) => text.includes(needle) && found.add(needle));
  while (queue.length) {
    const value = queue.pop();
    if (typeof value === "string") look(value);
    if (typeof value === "bigint") look(value.toString(16).padStart(64, "0"));
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof Window || value instanceof Node) continue;
    if (typeof value === "function" && !String(value).includes("[native code]")) functions.push(value);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      look(hex(new Uint8Array(value.buffer ?? value)));
      continue;
    }
    if (value instanceof Map || value instanceof Set) queue.push(...[...value.entries()].flat());
    for (const name of Reflect.ownKeys(value)) {
      const property = Reflect.getOwnPropertyDescriptor(value, name);
      if (property && "value" in property) queue.push(property.value);
    }
  }
  (globalThis.functionsOfTheTest ??= []).push(...functions);
  return [...found];
}"""


_GLOBALS: Final = """Object.fromEntries(Object.entries(Object.getOwnPropertyDescriptors(window))
  .filter(([name, { value }]) => value !== window && !name.endsWith("TheTest"))
  .map(([name, { value }]) => [name, value]))"""


async def reachable(devtools: CDPSession, needles: Mapping[str, bytes | str]) -> set[str]:
    """Names of the needles that the page's program can reach: bytes in arrays and as numbers, texts in strings."""
    names = {needle.hex() if isinstance(needle, bytes) else needle: name for name, needle in needles.items()}
    walk = {"functionDeclaration": _WALK, "arguments": [{"value": list(names)}], "returnByValue": True}
    found: set[str] = set()

    async def look(root: str) -> None:
        answer = await devtools.send("Runtime.callFunctionOn", {"objectId": root, **walk})
        assert "exceptionDetails" not in answer, answer
        found.update(names[text] for text in answer["result"]["value"])

    await look((await devtools.send("Runtime.evaluate", {"expression": _GLOBALS}))["result"]["objectId"])
    waiting = [*await _listeners(devtools), *await _new_functions(devtools)]
    while waiting:
        for function in waiting:
            for scope in await _scopes(devtools, function):
                await look(scope)
        waiting = await _new_functions(devtools)
    await devtools.send("Runtime.evaluate", {"expression": "delete globalThis.seenByTheTest"})
    return found


async def _new_functions(devtools: CDPSession) -> list[str]:
    """Those that the walk came by and whose closures it has not seen yet."""
    expression = "(globalThis.functionsOfTheTest ?? []).splice(0)"
    answer = await devtools.send("Runtime.evaluate", {"expression": expression, "objectGroup": "walk"})
    functions = await _properties(devtools, answer["result"]["objectId"])
    return [item["objectId"] for item in functions.values() if item["type"] == "function"]


async def _listeners(devtools: CDPSession) -> list[str]:
    """Every listener of the window, the document and its elements."""
    found = []
    for expression, depth in (("window", 1), ("document", -1)):
        root = await devtools.send("Runtime.evaluate", {"expression": expression, "objectGroup": "walk"})
        asked = {"objectId": root["result"]["objectId"], "depth": depth, "pierce": True}
        answer = await devtools.send("DOMDebugger.getEventListeners", asked)
        found += [item["handler"]["objectId"] for item in answer["listeners"] if "handler" in item]
    return found


async def _scopes(devtools: CDPSession, function: str) -> list[str]:
    """The closures of a function, without what is global."""
    inner = await devtools.send("Runtime.getProperties", {"objectId": function, "ownProperties": True})
    (scopes,) = [item["value"]["objectId"] for item in inner["internalProperties"] if item["name"] == "[[Scopes]]"]
    every = await _properties(devtools, scopes)
    return [item["objectId"] for item in every.values() if item.get("description") not in (None, "Global")]


async def _properties(devtools: CDPSession, thing: str) -> dict[str, Any]:
    answer = await devtools.send("Runtime.getProperties", {"objectId": thing, "ownProperties": True})
    return {item["name"]: item["value"] for item in answer["result"] if "value" in item}


async def strings_with(devtools: CDPSession, needles: Mapping[str, str]) -> set[str]:
    """Names of the needles that stand in some string of the page, reachable by whatever way."""
    chunks: list[str] = []
    devtools.on("HeapProfiler.addHeapSnapshotChunk", lambda event: chunks.append(event["chunk"]))
    await devtools.send("HeapProfiler.collectGarbage")
    await devtools.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    strings = "\0".join(json.loads("".join(chunks))["strings"])
    return {name for name, text in needles.items() if text in strings}
