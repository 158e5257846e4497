// A letter in its sandbox: its own origin, no network, no cookies. It only gets the bytes.
"use strict";

(() => {
  const page = new URL(location.href).origin;
  const place = document.getElementById("letter");
  const MARGINS = 32;
  let zoom = 1;

  function fit() {
    place.style.zoom = 1;
    const sheets = [...place.querySelectorAll("section.docx")];
    const wide = Math.max(0, ...sheets.map(one => one.offsetWidth)) + MARGINS;
    const room = document.documentElement.clientWidth;
    place.style.zoom = (wide > room ? room / wide : 1) * zoom;
  }

  /** Remove links and embedded documents. */
  function tame(shown) {
    for (const one of shown.querySelectorAll("a")) {
      for (const name of ["href", "xlink:href", "target", "ping"]) one.removeAttribute(name);
    }
    for (const one of shown.querySelectorAll("iframe, object, embed, script, form, base, meta, link")) one.remove();
    for (const one of shown.querySelectorAll("img, image, source")) {
      for (const name of ["src", "href", "xlink:href"]) {
        const from = one.getAttribute(name);
        if (from && !/^(data|blob):/.test(from)) one.removeAttribute(name);
      }
      one.removeAttribute("srcset");
    }
  }

  async function show(bytes) {
    const shown = document.createElement("div"), styles = document.createElement("div");
    try {
      await docx.renderAsync(bytes, shown, styles, {
        renderAltChunks: false, useBase64URL: true, renderComments: false, renderChanges: true,
        ignoreLastRenderedPageBreak: true, experimental: false, debug: false,
      });
      tame(shown);
      place.replaceChildren(...styles.childNodes, shown);
      fit();
      parent.postMessage({ shown: true }, page);
    } catch {
      parent.postMessage({ failed: true }, page);
    }
  }

  addEventListener("message", event => {
    if (event.source !== parent || event.origin !== page) return;
    const { bytes, larger } = event.data ?? {};
    if (bytes instanceof ArrayBuffer) show(bytes);
    else if (typeof larger === "number" && larger >= 0.25 && larger <= 4) {
      zoom = larger;
      fit();
    }
  });
  addEventListener("resize", fit);
  parent.postMessage({ ready: true }, page);
})();
