// What the reader chose: light or dark, and the language.
"use strict";
(() => {
  const root = document.documentElement;
  const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* asked for once more */ } };
  const here = document.currentScript.src;

  // Light or dark: the system's choice, until the reader makes one.
  if (kept("theme")) root.dataset.theme = kept("theme");
  const theme = () => document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    keep("theme", root.dataset.theme);
  });

  // A page that exists in several languages says which one the reader reads. One that exists once gets
  // its words from a script of that language; what a test has seen stays as it was.
  const language = () => {
    const reading = document.querySelector("a.tongue[data-kept]");
    if (reading) keep("language", reading.dataset.kept);
    for (const button of document.querySelectorAll("button.tongue")) {
      const chosen = kept("language") === button.value;
      if (chosen) {
        const script = document.createElement("script");
        script.src = new URL(`words.${button.value}.js`, here);
        document.head.append(script);
        button.textContent = "English";
        button.lang = "en";
      }
      button.hidden = false;
      button.addEventListener("click", () => {
        keep("language", chosen ? "en" : button.value);
        location.reload();
      });
    }
  };

  window.testbedWords = ({ lang, folder, pages, texts, forms }) => {
    const patterns = forms.map(([form, said]) => [new RegExp(form), said]);
    const told = (text) => {
      if (Object.hasOwn(texts, text)) return texts[text];
      const [pattern, said] = patterns.find(([form]) => form.test(text)) ?? [];
      return pattern && text.replace(pattern, said);
    };
    const whole = (text) => {
      const bare = text.trim().replace(/\s+/g, " ");
      const found = bare && told(bare);
      return found && text.replace(text.trim(), () => found);
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
      (/^(PRE|CODE|SCRIPT|STYLE|TEXTAREA)$/.test(node.nodeName) || node.dataset?.asItIs !== undefined
        ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.nodeType === Node.TEXT_NODE) {
        const said = whole(node.data);
        if (said) { node.data = said; node.parentElement.lang = lang; }
        continue;
      }
      for (const name of ["aria-label", "title"]) {
        const said = node.hasAttribute(name) && whole(node.getAttribute(name));
        if (said) node.setAttribute(name, said);
      }
    }
    const top = new URL("..", here);
    for (const link of document.querySelectorAll("a[href]")) {
      if (link.href.startsWith(top.href)) {
        const page = link.href.slice(top.href.length);
        if (new RegExp(pages).test(page.replace(/#.*/, ""))) link.href = new URL(folder + page, top);
      }
    }
  };

  document.addEventListener("DOMContentLoaded", () => { theme(); language(); });
})();
