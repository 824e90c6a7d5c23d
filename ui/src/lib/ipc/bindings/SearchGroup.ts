import type { SearchHit } from "./SearchHit";
export type SearchGroup = { kind: string, hits: Array<SearchHit>, more: boolean, };
