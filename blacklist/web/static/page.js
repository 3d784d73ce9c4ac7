"use strict";
// The answer without a page load: the same form is sent, and the answer taken out of the same page.
// Nothing here decides anything; without it the form works as it is.
(() => {
  const form = document.getElementById("ask");
  const answer = document.getElementById("answer");
  const text = document.getElementById("text");
  const picture = document.getElementById("picture");
  const bankField = document.getElementById("bank-field");
  const MOST_WAIT_MS = 15000;
  let running = null;

  // Whoever looks, listens or uses the keyboard is led to the answer, or back to the box without one.
  function show(part) {
    answer.replaceChildren(...part.childNodes);
    const verdict = document.getElementById("verdict") || answer.querySelector("h1");
    if (!verdict) return text.focus();
    verdict.tabIndex = -1;
    verdict.focus({ preventScroll: true });
    verdict.scrollIntoView({ block: "center" });
  }

  function take(page) {
    const part = page.getElementById("answer");
    if (!part) throw new Error("no answer in the page");
    const sent = page.getElementById("text");
    const complaint = page.getElementById("complaint");
    if (sent) text.value = sent.value;
    if (complaint) document.getElementById("complaint").textContent = complaint.textContent;
    const bank = page.getElementById("bank");
    if (bank) document.getElementById("bank").value = bank.value;
    // Beside an answer the languages are buttons of the form, so that it is answered once more.
    const languages = page.querySelector(".languages");
    if (languages) document.querySelector(".languages").replaceWith(languages);
    picture.value = "";
    suggestBank();
    show(part);
  }

  async function ask(sending, submitter) {
    if (running) running.abort();
    const mine = (running = new AbortController());
    const timer = setTimeout(() => mine.abort("late"), MOST_WAIT_MS);
    answer.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(sending.action, {
        method: "POST",
        body: new FormData(sending, submitter),
        headers: { Accept: "text/html" },
        signal: mine.signal,
      });
      const html = await response.text();
      if (running === mine) take(new DOMParser().parseFromString(html, "text/html"));
    } catch {
      // Nobody answered: that must be seen, and the answer before must not stay.
      if (running === mine) show(document.getElementById("unreachable").content.cloneNode(true));
    } finally {
      clearTimeout(timer);
      if (running === mine) answer.removeAttribute("aria-busy");
    }
  }

  function suggestBank() {
    const digits = text.value.replace(/[\s.-]/g, "");
    const mayBeAccount = /^[0-9A-Za-z]{6,19}$/.test(digits) && /[0-9]{4}/.test(digits);
    bankField.hidden = !(mayBeAccount || document.getElementById("bank").value);
    if (!text.value.trim()) {
      document.getElementById("bank").value = "";
      bankField.hidden = true;
    }
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-ask]") || event.submitter?.name === "lang") return;
    event.preventDefault();
    ask(event.target, event.submitter);
  });
  text.addEventListener("input", suggestBank);
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  picture.addEventListener("change", () => {
    if (picture.files.length) form.requestSubmit();
  });
  suggestBank();
})();
