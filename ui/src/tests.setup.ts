// What jsdom lacks and pages use: nothing is ever laid out there, so nothing ever resizes.
class StillObserver implements ResizeObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}

globalThis.ResizeObserver ??= StillObserver;
