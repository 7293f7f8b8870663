/** Laid into every page of page.ts before its own scripts: what stands there and when, by the clock that all pages of a machine share. */
const now = () => performance.timeOrigin + performance.now()
const free = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
const stands = (selector, text) => [...document.querySelectorAll(selector)].some((element) => element.textContent.includes(text))

globalThis.probe = {
  frames: [],
  pressed: 0,

  /** Resolves with the time when it was drawn and the page was free for a click again. */
  standsAt(selector, text = '') {
    return new Promise((resolve) => {
      const look = () => {
        if (!stands(selector, text)) return
        watching.disconnect()
        void free().then(() => resolve(now()))
      }
      const watching = new MutationObserver(look)
      watching.observe(document, { childList: true, subtree: true })
      look()
    })
  },

  /** The time between. */
  async clickUntil(clicked, selector, text) {
    const begun = now()
    document.querySelector(clicked).click()
    return (await this.standsAt(selector, text)) - begun
  },

  watchFrames() {
    requestAnimationFrame(function drawn(at) {
      probe.frames.push(at)
      requestAnimationFrame(drawn)
    })
  },
}

document.addEventListener('keydown', ({ key }) => key === 'Enter' && (probe.pressed = now()), { capture: true })
probe.interactive = probe.standsAt('[data-line]').then((at) => at - performance.timeOrigin)
