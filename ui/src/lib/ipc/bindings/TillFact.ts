// temp
export type TillFact = { name: string, text: string };
