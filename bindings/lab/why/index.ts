// Why a packet went where it went, in words.
export { fill, slotsOf, type WhyPart, type WhyText, type WhyValue } from "./part.ts";
export { type Lang, TEMPLATES, why, whyText } from "./why.ts";
