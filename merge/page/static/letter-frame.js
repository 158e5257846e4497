// The text of a letter in its sandbox, which only gets the bytes: on its own screen and in previews.

/** Show letters in a sandbox; `told` says if one cannot be shown. */
export function letterFrame(frame, told) {
  let from = "", isReady = false;

  function say(name) {
    told.hidden = !name;
    told.textContent = name ? told.dataset[name] : "";
  }

  async function send() {
    const asked = from;
    const answer = await fetch(asked, { cache: "no-store" }).catch(() => ({ ok: false }));
    const bytes = answer.ok && await answer.arrayBuffer();
    if (asked !== from) return;
    if (bytes) post({ bytes }, [bytes]);
    else say(answer.status === 413 ? "failed" : "gone");
    frame.hidden = !bytes;
  }

  function post(message, moved = []) {
    frame.contentWindow.postMessage(message, "*", moved);  // a sandbox has no origin to specify
  }

  addEventListener("message", event => {
    if (event.source !== frame.contentWindow || event.origin !== "null") return;
    if (event.data.ready) {
      isReady = true;
      send();
    }
    if (event.data.shown) {
      say("");
      frame.dataset.shown = from;
    }
    if (event.data.failed) say("failed");
  });

  return {
    post,
    show(address) {
      from = address;
      if (isReady) send();
      else if (!frame.src) frame.src = frame.dataset.frame;
    },
  };
}
