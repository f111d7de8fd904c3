/** How long a press may lie back: whoever waited longer has given it up. */
const patienceMs = 10_000;

/**
 * Runs in the page's head, before anything of React is there: remembers the last press on a button that only scripts can
 * serve. Links and buttons that send a form work by themselves.
 */
export const rememberEarlyPress = `(() => {
  let pressed, at;
  const keep = (event) => {
    pressed = event.target instanceof Element ? event.target.closest("button[type=button]") : undefined;
    at = performance.now();
  };
  addEventListener("click", keep, true);
  window.tocsinEarlyPress = () => {
    removeEventListener("click", keep, true);
    return pressed && performance.now() - at < ${patienceMs} ? pressed : undefined;
  };
})()`;
