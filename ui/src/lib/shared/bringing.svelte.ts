// Files shall be brought in: any page asks, the import page takes it up once it is there.
import { router } from "./route.svelte";

class Bringing {
  asked = $state(false);

  /** Goes to the import page, which lets files be chosen. */
  begin() {
    this.asked = true;
    router.go({ page: "import" });
  }

  /** True once for each time somebody asked. */
  take(): boolean {
    const asked = this.asked;
    this.asked = false;
    return asked;
  }
}

export const bringing = new Bringing();
