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

  // Bullets of Word's symbol fonts, which browsers do not have; other symbols are shown as a dot.
  const BULLETS = { "\uf0a7": "▪", "\uf06f": "□", "\uf0a8": "□", "\uf071": "□", "\uf076": "❖", "\uf0d8": "➢", "\uf0fc": "✓", "\uf02d": "–", "\uf0e0": "→" };

  /** Show the bullets of lists, which are in the style sheets. */
  function showBullets(styles) {
    for (const one of styles.querySelectorAll("style")) {
      one.textContent = one.textContent.replace(/[\uf020-\uf0ff]/g, symbol => BULLETS[symbol] ?? "•");
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
      showBullets(styles);
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
