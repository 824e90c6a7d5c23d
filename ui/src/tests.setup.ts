// What jsdom lacks and pages use: nothing is ever laid out there, so nothing ever resizes,
// and nothing can be scrolled to.
class StillObserver implements ResizeObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}

globalThis.ResizeObserver ??= StillObserver;
Element.prototype.scrollIntoView ??= () => undefined;
