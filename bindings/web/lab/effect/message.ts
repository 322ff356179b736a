// What the page and its worker say to each other.
import type { Trace } from "../../../lab/trace/trace.ts";
import type { Entry } from "../state/catalogue.ts";
import type { Recipe } from "../state/state.ts";

export interface Request {
  readonly id: number;
  readonly recipe: Recipe;
}

/** What the worker begins with: what the picker says of every scenario. */
export interface Greeting {
  readonly catalogue: readonly Entry[];
}

/** `isRefused`: a tool of Linux would not do what an edit says, and these are its words. */
export type Reply =
  | { readonly id: number; readonly trace: Trace }
  | { readonly id: number; readonly failure: string; readonly isRefused: boolean };
