"""A real browser without a window: headless Chromium, driven over two pipes by the DevTools protocol. Every answer has a bound, and it ends with its test."""
import base64
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import time

PROGRAM = shutil.which("chromium")
ANSWER_TIMEOUT_S = 30
OPTIONS = (
    "--headless", "--remote-debugging-pipe", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip


class Browser:
    """One tab. `requests` are the addresses that the page asked for, `complaints` what the console and the page's scripts said."""

    def __init__(self, folder):
        here, its_out = os.pipe()
        its_in, there = os.pipe()
        # Root has no sandbox, nor has a container without user namespaces; and what it opens are the tests' own pages, without a network.
        options = [*OPTIONS, "--no-sandbox", f"--user-data-dir={folder}"]
        # Chromium reads descriptor 3 and writes 4.
        self.process = subprocess.Popen(
            ["/bin/bash", "-c", f'exec "$@" 3<&{its_in} 4>&{its_out}', "bash", PROGRAM, *options],
            pass_fds=(its_in, its_out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, env={**os.environ, "HOME": str(folder)},
        )  # fmt: skip
        os.close(its_in)
        os.close(its_out)
        self.here, self.there, self.buffer, self.events, self.number, self.session = here, there, b"", [], 0, None
        try:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                self.call(f"{domain}.enable")
        except BaseException:
            self.close()
            raise

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.there, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + ANSWER_TIMEOUT_S
        while (answer := self._message(end)).get("id") != self.number:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def open(self, address):
        """And waits until it is loaded and drawn. What is kept is of this page alone."""
        self._navigate("about:blank")
        self._navigate(address)
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def _navigate(self, address):
        self.events.clear()
        self.call("Page.navigate", url=address)
        end = time.monotonic() + ANSWER_TIMEOUT_S
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._message(end))

    def look(self, width, height=900, media="", scheme="light"):
        """In a window of so many CSS pixels, as on a screen or (media="print") on paper."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}])

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def pdf(self):
        """On A4, with the page's own margins."""
        return base64.b64decode(self.call("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, preferCSSPageSize=True)["data"])

    def screenshot(self, whole=True):
        return base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=whole)["data"])

    @property
    def requests(self):
        return [event["params"]["request"]["url"] for event in self.events if event.get("method") == "Network.requestWillBeSent"]

    @property
    def complaints(self):
        said = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Page.javascriptDialogOpening")
        return [json.dumps(event["params"])[:400] for event in self.events if event.get("method") in said]

    def _message(self, end):
        while b"\0" not in self.buffer:
            if not select.select([self.here], [], [], max(end - time.monotonic(), 0))[0]:
                raise TimeoutError(f"Chromium did not answer within {ANSWER_TIMEOUT_S} s")
            got = os.read(self.here, 1 << 16)
            if not got:
                raise RuntimeError(f"Chromium ended: {self.process.poll()}")
            self.buffer += got
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def close(self):
        """Its process group ends with it."""
        os.close(self.there)
        os.close(self.here)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=ANSWER_TIMEOUT_S)
