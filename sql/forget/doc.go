// Package forget takes a person out of what is stored, and keeps that person out of what comes.
//
// A [List] holds keyed hashes of names, ids and addresses, never the texts themselves. It finds them in any text
// word by word: without regard to case, accents and what stands between two words, and behind the escapes of JSON,
// URLs and HTML. In their place it puts one pseudonym per person, so that a person's records stay joined.
//
// [Sweep] applies a list to all that is stored; ingest applies it to every record before it lands. A sweep that
// dies is finished by the next one: a table is swapped whole, and the list stands before the first of them.
package forget
