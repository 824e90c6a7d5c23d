// Turning what a command threw into something a person can act on.
import type { Failure } from "./types";

/** A failure as the pages show it. */
export interface Told {
  /** Stable; pages branch on it. `unknown` when the program gave none. */
  code: string;
  message: string;
  moneyMoved: Failure["moneyMoved"];
  nextStep: string;
}

function isFailure(error: unknown): error is Failure {
  return typeof error === "object" && error !== null && "code" in error && "message" in error;
}

/** Without a code nobody knows what happened, so nothing reassuring is claimed. */
export function describeFailure(error: unknown): Told {
  if (isFailure(error)) {
    return {
      code: error.code,
      message: error.message,
      moneyMoved: error.moneyMoved ?? "unknown",
      nextStep: error.nextStep ?? "",
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: "unknown", message, moneyMoved: "unknown", nextStep: "" };
}
