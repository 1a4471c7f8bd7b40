package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/srekpi/srekpi/configs"
)

// typedField is the SQL of one canonical field, made from the text or list that
// the source gives.
type typedField struct {
	name     string
	value    string // the typed value
	bad      string // why the record cannot be read, or ''; empty: cannot happen
	unmapped string // 'field=value' that no value map covers, or ''; empty: cannot happen
}

func constant(text string) string { return fmt.Sprintf("CAST(%s, 'Nullable(String)')", literal(text)) }

// matched is what a mapping's pattern finds in a nullable text.
func matched(text string, m configs.FieldMap) string {
	if m.Pattern == "" {
		return text
	}
	return fmt.Sprintf("nullIf(extract(ifNull(%s, ''), %s), '')", text, literal(m.Pattern))
}

// convert writes the conversion of one mapped field. Texts that do not convert
// send the record to quarantine; values that a map does not cover are reported
// and read as unknown.
func convert(f configs.Field, m configs.FieldMap, text string) typedField {
	out := typedField{name: f.Name}
	mapped := mapValues(text, m)
	switch f.Kind {
	case configs.KindTime:
		out.value = timeOf(mapped, m)
		out.bad = fmt.Sprintf("if(isNotNull(%s) AND isNull(%s), concat(%s, ifNull(%s, ''), %s), '')", mapped, f.Name,
			literal(f.Name+": \""), mapped, literal("\" is not a time in "+strings.Join(m.Layouts, " or ")))
		// 1900-01-01 and 1970-01-01 are how tools write "no date"; taken for one they
		// would stretch the collected history by decades.
		out.bad = fmt.Sprintf("if(%s < toDateTime64('1980-01-01', 3, 'UTC'), concat(%s, ifNull(%s, ''), %s), %s)", f.Name,
			literal(f.Name+": \""), mapped, literal("\" lies before 1980; if it means no date, list it under nulls"), out.bad)
		if f.Required {
			out.bad = fmt.Sprintf("if(isNull(%s), %s, %s)", mapped, literal(f.Name+" is empty"), out.bad)
		}
	case configs.KindDate:
		// The engine's days end in 2149, and 9999-12-31 is how some write "never".
		moment := timeOf(mapped, m)
		out.value = fmt.Sprintf("toDate(toTimeZone(if(%s < toDateTime64('2149-01-01', 3, 'UTC'), %s, NULL), %s))", moment, moment, literal(m.Zone))
		out.bad = fmt.Sprintf("if(isNotNull(%s) AND isNull(%s), concat(%s, ifNull(%s, ''), %s), '')", mapped, moment,
			literal(f.Name+": \""), mapped, literal("\" is not a day in "+strings.Join(m.Layouts, " or ")))
	case configs.KindDecimal:
		out.value = fmt.Sprintf("if(isFinite(toFloat64OrNull(%s)) AND toFloat64OrNull(%s) >= 0, toFloat64OrNull(%s), NULL)", mapped, mapped, mapped)
		out.bad = notA(f.Name, mapped, "a number, 0 or more")
	case configs.KindNumber:
		out.value = fmt.Sprintf("toUInt32OrNull(%s)", mapped)
		out.bad = notA(f.Name, mapped, "a whole number")
	case configs.KindFlag:
		out.value = fmt.Sprintf("transform(lower(%s), ['true', 'yes', 'y', '1', 't', 'false', 'no', 'n', '0', 'f'], [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]::Array(Nullable(UInt8)), CAST(NULL, 'Nullable(UInt8)'))", mapped)
		out.bad = notA(f.Name, mapped, "true or false")
		if f.Name == "exercise" {
			out.value = "ifNull(" + out.value + ", 0)"
			out.bad = ""
		}
	case configs.KindSeverity:
		out.value = fmt.Sprintf("if(ifNull(%s IN ('0', '1', '2', '3', '4', '5'), 0), toUInt8(assumeNotNull(%s)), toUInt8(0))", mapped, mapped)
		out.unmapped = fmt.Sprintf("if(ifNull(%s NOT IN ('0', '1', '2', '3', '4', '5'), 0), concat(%s, assumeNotNull(%s)), '')", mapped, literal(f.Name+"="), mapped)
	case configs.KindWord:
		words := literals(f.Words)
		out.value = fmt.Sprintf("if(ifNull(lower(%s) IN (%s), 0), lower(assumeNotNull(%s)), '')", mapped, words, mapped)
		out.unmapped = fmt.Sprintf("if(ifNull(lower(%s) NOT IN (%s), 0), concat(%s, assumeNotNull(%s)), '')", mapped, words, literal(f.Name+"="), mapped)
	default:
		out.value = fmt.Sprintf("ifNull(%s, '')", mapped)
	}
	return out
}

func notA(name, text, what string) string {
	return fmt.Sprintf("if(isNotNull(%s) AND isNull(%s), concat(%s, ifNull(%s, ''), %s), '')", text, name,
		literal(name+": \""), text, literal("\" is not "+what))
}

// mapValues applies a value map and a default to a nullable text. What the map
// does not cover stays as it is, unless there is a default for it.
func mapValues(text string, m configs.FieldMap) string {
	fallback := text
	if m.Default != nil {
		fallback = literal(*m.Default)
	}
	if len(m.Map) > 0 {
		keys := slices.Sorted(maps.Keys(m.Map))
		values := make([]string, len(keys))
		for i, k := range keys {
			values[i] = m.Map[k]
		}
		text = fmt.Sprintf("transform(%s, [%s], [%s], %s)", text, literals(keys), literals(values), fallback)
		if slices.Contains(values, "") {
			text = "nullIf(" + text + ", '')" // a value that the map knows to say nothing
		}
	}
	if m.Default != nil {
		text = fmt.Sprintf("ifNull(%s, %s)", text, literal(*m.Default))
	}
	return text
}

// listOf cleans the values of a list and applies the mapping to each.
func listOf(parts string, nulls []string, m configs.FieldMap) string {
	if m.Pattern != "" {
		parts = fmt.Sprintf("arrayFlatten(arrayMap(x -> extractAll(x, %s), %s))", literal(m.Pattern), parts)
		if m.Split != "" {
			parts = fmt.Sprintf("arrayFlatten(arrayMap(x -> splitByString(%s, x), %s))", literal(m.Split), parts)
		}
	}
	nulls = append([]string{""}, nulls...)
	cleaned := fmt.Sprintf("arrayFilter(x -> x NOT IN (%s), arrayMap(x -> %s, %s))", literals(nulls), trimmed("x"), parts)
	if len(m.Map) > 0 {
		cleaned = fmt.Sprintf("arrayMap(x -> %s, %s)", mapValues("x", configs.FieldMap{Map: m.Map}), cleaned)
	}
	out := fmt.Sprintf("arrayDistinct(%s)", cleaned)
	if m.Default != nil {
		out = fmt.Sprintf("if(empty(%s), [%s], %s)", out, literal(*m.Default), out)
	}
	return out
}

// timeOf tries each layout in turn. ISO texts must begin like one: the engine's
// best-effort parser would read 03/02/2016 in the American way.
func timeOf(text string, m configs.FieldMap) string {
	zone := literal(m.Zone)
	var tries []string
	for _, layout := range m.Layouts {
		var try string
		switch layout {
		case configs.LayoutISO:
			try = fmt.Sprintf("if(match(ifNull(%s, ''), '^\\\\d{4}-\\\\d{2}-\\\\d{2}'), toDateTime64(parseDateTime64BestEffortOrNull(%s, 3, %s), 3, 'UTC'), NULL)", text, text, zone)
		case configs.LayoutEpoch:
			try = fmt.Sprintf("toDateTime64(toFloat64OrNull(%s), 3, 'UTC')", text)
		case configs.LayoutEpochMS:
			try = fmt.Sprintf("fromUnixTimestamp64Milli(toInt64OrNull(%s), 'UTC')", text)
		default:
			// The engine's parser takes one offset for a whole day, which is wrong on
			// the days on which clocks change: the wall clock is read first, and placed
			// in its zone after. A layout with an offset needs no zone.
			try = fmt.Sprintf("parseDateTime64InJodaSyntaxOrNull(%s, %s, 'UTC')", text, literal(layout))
			if !strings.Contains(layout, "Z") {
				try = fmt.Sprintf("parseDateTime64BestEffortOrNull(toString(%s), 3, %s)", try, zone)
			}
			try = "toDateTime64(" + try + ", 3, 'UTC')"
		}
		tries = append(tries, try)
	}
	if len(tries) == 1 {
		return tries[0]
	}
	return "coalesce(" + strings.Join(tries, ", ") + ")"
}
