package model

// What an API may send for one field: nothing, a text, number or flag, an object
// that names something, or a list of these. Each is tried in this order by the
// engine; an object without any of the known names ends as a Map, and such a
// value cannot be read.
const (
	namedObject  = "Tuple(value Nullable(String), name Nullable(String), displayName Nullable(String), summary Nullable(String), key Nullable(String), id Nullable(String), child Tuple(value Nullable(String)), startDate Nullable(String))"
	otherObject  = "Map(String, String)"
	oneValue     = "Variant(" + otherObject + ", String, " + namedObject + ")"
	severalOfOne = "Array(" + oneValue + ")"
	anyValue     = "Variant(" + severalOfOne + ", " + otherObject + ", String, " + namedObject + ")"
)

// javaSprint opens the text that Data Center sends for a sprint.
const javaSprint = "com.atlassian.greenhopper.service.sprint.Sprint"

// objectNames are the keys of an object that can stand for it.
var objectNames = []string{"value", "name", "displayName", "summary", "key", "id"}

// readValues takes the column vals apart, an array of values of any form:
//
//	texts  what each says as one text; of several the first; NULL: nothing
//	lists  what each says as a list
//	forms  0: can be read, 1: an object without a name is in it, 2: it is a list
//
// All values go through one set of expressions, which the engine then analyses
// once. A sprint of Data Center is a text that only Java reads with ease.
var readValues = "WITH\n" +
	"        s -> if(startsWith(s, '" + javaSprint + "'), extract(s, '[\\\\[,]name=(.*?)(?:,[a-zA-Z]+=|\\\\]$)'), s) AS plain,\n" +
	"        o -> coalesce(nullIf(concat(o.value, ifNull(concat(' / ', o.child.value), '')), ''), nullIf(o.name, ''), nullIf(o.displayName, ''), nullIf(o.summary, ''), nullIf(o.key, ''), nullIf(o.id, '')) AS name_of,\n" +
	"        v -> nullIf(" + trimmed("coalesce(plain(variantElement(v, 'String')), name_of(variantElement(v, "+literal(namedObject)+")))") + ", '') AS text_of,\n" +
	"        arrayMap(v -> text_of(v), vals) AS single,\n" +
	"        arrayMap(v -> variantElement(v, " + literal(severalOfOne) + "), vals) AS several,\n" +
	"        arrayMap(l -> arrayFilter(x -> isNotNull(x), arrayMap(v -> text_of(v), l)), several) AS parts\n" +
	"    SELECT *,\n" +
	"        arrayMap((t, l) -> coalesce(t, l[1]), single, parts) AS texts,\n" +
	"        arrayMap((t, l) -> arrayMap(x -> assumeNotNull(x), if(isNull(t), l, [t])), single, parts) AS lists,\n" +
	"        arrayMap((v, l) -> multiIf(notEmpty(variantElement(v, '" + otherObject + "')) OR arrayExists(x -> notEmpty(variantElement(x, '" + otherObject + "')), l), 1, notEmpty(l), 2, 0), vals, several) AS forms"
