// How far figures can be trusted. The window asks the book; every page shows the same answer.

/** Days, as the core gives them. */
export interface Known {
  dataUntil: string | null;
  finalUntil: string | null;
  firstOpen: string | null;
  openDays: number;
}

class Age {
  known = $state<Known>();
}

export const age = new Age();
