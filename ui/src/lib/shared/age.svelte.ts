// How far figures can be trusted. The window asks the book; every page shows the same answer.

/** Days, as the core gives them. */
export interface Known {
  dataUntil: string | null;
  finalUntil: string | null;
  firstOpen: string | null;
  openDays: number;
  /** Codes of the channels that the book has files of. */
  channels: string[];
}

class Age {
  known = $state<Known>();
}

export const age = new Age();

const USUAL = ["wechat_pay", "alipay", "union_pay", "stripe"];

/** Channels a list can be narrowed to: the usual ones, and what else the book has files of. */
export function channelCodes(): string[] {
  const others = age.known?.channels.filter((code) => !USUAL.includes(code)) ?? [];
  return [...USUAL, ...others];
}
