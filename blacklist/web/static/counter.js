"use strict";
// The counter by keyboard: while the field of the amount has the focus, one letter presses its button.
// Only there, so that no letter typed elsewhere does anything. Without it Tab and Enter do the same.
(() => {
  const outcome = document.getElementById("outcome");
  const next = document.getElementById("text");
  const amount = document.getElementById("amount");

  // An input method that composes Vietnamese names no letter, but the key.
  const letterOf = (event) => (event.key.length === 1 ? event.key : event.code.replace(/^Key/, "")).toLowerCase();

  amount?.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "Enter") {
      event.preventDefault();
      next.focus();
      return;
    }
    const button = outcome.querySelector(`button[data-key="${CSS.escape(letterOf(event))}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  const print = document.getElementById("print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
    print.focus();
  }
})();
