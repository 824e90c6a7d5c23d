import type { SearchGroup } from "./SearchGroup";
export type SearchView = { groups: Array<SearchGroup>, };
