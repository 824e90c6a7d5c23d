// Where one is in the list that is shown, and where one was when the program ended.

class Here {
  /** Current row and scroll of the list shown last; nobody follows them, they are looked up. */
  row = 0;
  scroll = 0;
  /** The row to go back to, until a list has taken it. */
  wanted = $state.raw<number>();

  /** A list tells where it stands. */
  stand(row: number, scroll: number) {
    this.row = row;
    this.scroll = Math.round(scroll);
  }
}

export const here = new Here();
