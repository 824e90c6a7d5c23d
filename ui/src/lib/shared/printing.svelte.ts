// The statement to be looked at, saved and printed: any page asks, the window shows it.

/** What a statement is about: a payout, or days, a channel and a currency. */
export interface Subject {
  payoutId: string | null;
  from: string | null;
  to: string | null;
  channel: string | null;
  currency: string | null;
}

class Printing {
  asked = $state.raw<Subject>();

  /** Shows the statement of a payout over the page. */
  ofPayout(id: string) {
    this.asked = { payoutId: id, from: null, to: null, channel: null, currency: null };
  }

  /** Shows the statement of some days over the page. */
  ofDays(from: string, to: string, channel: string | null, currency: string | null) {
    this.asked = { payoutId: null, from, to, channel, currency };
  }

  close() {
    this.asked = undefined;
  }
}

export const printing = new Printing();
