import assert from "node:assert/strict";
import { test } from "node:test";
import { entryOf, formatExpiry, formatNumber, isLuhnValid, wrongField } from "./card";

const NOW = new Date(2026, 10, 22);

test("a number is written in groups of its network", () => {
  assert.equal(formatNumber("4242424242424242"), "4242 4242 4242 4242");
  assert.equal(formatNumber("378282246310005"), "3782 822463 10005");
  assert.equal(formatNumber("42a42-4"), "4242 4");
});

test("an expiry gets its slash, and a zero before a single digit", () => {
  assert.equal(formatExpiry("1234"), "12/34");
  assert.equal(formatExpiry("7"), "07");
  assert.equal(formatExpiry("12/"), "12");
});

test("a wrong check digit is noticed", () => {
  assert.ok(isLuhnValid("4242424242424242"));
  assert.ok(!isLuhnValid("4242424242424241"));
  assert.ok(!isLuhnValid(""));
});

test("the first field that cannot be right is named", () => {
  assert.equal(wrongField({ number: "4242 4242 4242 4241", expiry: "12/34", cvc: "123" }, NOW), "number");
  assert.equal(wrongField({ number: "4242 4242 4242 4242", expiry: "10/26", cvc: "123" }, NOW), "expiry");
  assert.equal(wrongField({ number: "4242 4242 4242 4242", expiry: "13/30", cvc: "123" }, NOW), "expiry");
  assert.equal(wrongField({ number: "3782 822463 10005", expiry: "12/34", cvc: "123" }, NOW), "cvc");
  assert.equal(wrongField({ number: "4242 4242 4242 4242", expiry: "11/26", cvc: "123" }, NOW), null);
});

test("what is sent is numbers", () => {
  assert.deepEqual(entryOf({ number: "4242 4242 4242 4242", expiry: "07/31", cvc: " 123 " }), { number: "4242424242424242", exp_month: 7, exp_year: 2031, cvc: "123" });
});
