package simulate

import "time"

// Service is something that can fail, and who answers for it.
type Service struct {
	Name   string
	Team   string // owns it
	L2Team string // first on the spot
	L3Team string // mends its code
	Tier   int    // 1: customers notice at once

	incidentsPerMonth float64
	changesPerMonth   float64
	slowness          float64 // multiplies the company's usual time to resolve
	parts             []string
	troubles          []trouble // what goes wrong here again and again
}

// Person works on one team; the names are invented.
type Person struct {
	Handle string
	Team   string
	Zone   string // IANA name
}

// Annotation is a dated decision that explains a change in the figures.
type Annotation struct {
	At    time.Time
	Title string
	Scope string // a service, or empty for the whole company
}

// Teams whose habits the history depends on.
const (
	quietService  = "notifications"  // team Engagement: weeks without any incident
	sheetService  = "mobile-gateway" // team Mobile: keeps a list of releases, never how they went
	poolService   = "checkout-api"
	badService    = "payments"
	betterService = "search"
	outageService = "identity"
)

const (
	storefrontL2 = "Storefront L2"
	backOfficeL2 = "Back Office L2"
	commerceL3   = "Commerce L3"
	platformL3   = "Platform L3"
	dataL3       = "Data L3"
	management   = "Management" // called when nobody else answers
)

// services is the catalogue. Rates and slowness are set so that a month has
// about forty incidents and seventy changes, and no two services look alike.
func services() []Service {
	return []Service{
		{
			Name: poolService, Team: "Checkout", L2Team: storefrontL2, L3Team: commerceL3, Tier: 1,
			incidentsPerMonth: 6.2, changesPerMonth: 13, slowness: 0.9,
			parts: []string{"basket", "tax lookup", "voucher engine", "order placement", "guest checkout", "price cache"},
			troubles: []trouble{
				{title: "Checkout latency above {n} ms on {host}", alert: "checkout-latency-p99", cause: "slow tax lookup"},
				{title: "Basket merge fails for order {id}", cause: "race in basket merge"},
				{title: "Pod {host} restarts, out of memory", alert: "checkout-oom"},
				{title: "Voucher codes rejected since {time}", cause: "voucher clock skew", problem: "PRB-112"},
			},
		},
		{
			Name: badService, Team: "Payments", L2Team: storefrontL2, L3Team: commerceL3, Tier: 1,
			incidentsPerMonth: 5.4, changesPerMonth: 11, slowness: 1.1,
			parts: []string{"card authorisation", "refund queue", "settlement file", "fraud scoring", "wallet tokens", "invoice renderer"},
			troubles: []trouble{
				{title: "Card authorisation timeouts at acquirer, {n} declined", alert: "payments-acquirer-timeout", cause: "acquirer outage"},
				{title: "Settlement file {id} late at bank", cause: "batch window too short", problem: "PRB-87"},
				{title: "Refund queue depth {n} on {host}", alert: "payments-refund-queue"},
				{title: "Duplicate captures reported for order {id}"},
			},
		},
		{
			Name: betterService, Team: "Discovery", L2Team: storefrontL2, L3Team: platformL3, Tier: 2,
			incidentsPerMonth: 7.4, changesPerMonth: 9, slowness: 1.8,
			parts: []string{"suggest index", "ranking model", "facet counts", "synonym list", "query parser", "image search"},
			troubles: []trouble{
				{title: "Index replica {host} out of sync", alert: "search-replica-lag", cause: "replica lag"},
				{title: "Stale results after rebuild {id}", cause: "index rebuild by hand"},
				{title: "Empty result pages for {n} queries", alert: "search-empty-results"},
				{title: "Heap pressure on {host}"},
			},
		},
		{
			Name: outageService, Team: "Accounts", L2Team: storefrontL2, L3Team: platformL3, Tier: 1,
			incidentsPerMonth: 4.6, changesPerMonth: 8, slowness: 0.8,
			parts: []string{"session store", "password reset", "single sign-on", "token signing", "consent pages", "audit log"},
			troubles: []trouble{
				{title: "Session store eviction storm on {host}", alert: "identity-session-evictions", cause: "session store too small"},
				{title: "Password reset mails delayed by {n} minutes", cause: "mail relay throttling"},
				{title: "Single sign-on fails for partner tenant {id}"},
				{title: "Login error rate {n} per minute", alert: "identity-login-errors"},
			},
		},
		{
			Name: quietService, Team: "Engagement", L2Team: backOfficeL2, L3Team: platformL3, Tier: 3,
			incidentsPerMonth: 0.4, changesPerMonth: 5, slowness: 1,
			parts: []string{"push sender", "template store", "unsubscribe list"},
			troubles: []trouble{
				{title: "Push backlog of {n} messages", alert: "notifications-backlog"},
			},
		},
		{
			Name: sheetService, Team: "Mobile", L2Team: storefrontL2, L3Team: platformL3, Tier: 1,
			incidentsPerMonth: 4.4, changesPerMonth: 8, slowness: 0.9,
			parts: []string{"feature config", "deep links", "image resizing", "app handshake", "offline sync", "rate limiter"},
			troubles: []trouble{
				{title: "Handshake failures from app version {id}", alert: "mobile-handshake", cause: "old client certificate"},
				{title: "Gateway {host} drops connections", alert: "mobile-gateway-resets"},
				{title: "Offline sync conflicts for {n} devices", cause: "clock drift on devices"},
			},
		},
		{
			Name: "reporting-jobs", Team: "Data", L2Team: backOfficeL2, L3Team: dataL3, Tier: 3,
			incidentsPerMonth: 4.4, changesPerMonth: 6, slowness: 2,
			parts: []string{"revenue report", "ledger import", "tax return", "stock valuation", "margin cube", "export share"},
			troubles: []trouble{
				{title: "Nightly load {id} missed its window", alert: "reporting-nightly-late", cause: "nightly load too slow"},
				{title: "Disk full on {host}", alert: "reporting-disk", cause: "no retention on exports"},
				{title: "Revenue report off by {n} cents", cause: "rounding in currency table"},
				{title: "Import of file {id} rejected"},
			},
		},
		{
			Name: "warehouse-sync", Team: "Fulfilment", L2Team: backOfficeL2, L3Team: dataL3, Tier: 2,
			incidentsPerMonth: 5.4, changesPerMonth: 8, slowness: 1.2,
			parts: []string{"stock levels", "carrier labels", "pick lists", "returns desk", "customs forms", "scanner link"},
			troubles: []trouble{
				{title: "Stock levels differ for {n} articles", cause: "lost stock messages", problem: "PRB-131"},
				{title: "Carrier label service slow, {n} s", alert: "warehouse-carrier-slow", cause: "carrier interface down"},
				{title: "Message broker {host} partition offline", alert: "warehouse-broker"},
				{title: "Scanner link lost at gate {n}"},
			},
		},
	}
}

func people() []Person {
	return []Person{
		{"a.marlow", "Checkout", "Australia/Melbourne"},
		{"j.okonjo", "Checkout", "Europe/London"},
		{"t.lindqvist", "Payments", "Europe/Stockholm"},
		{"r.sandhu", "Payments", "Asia/Kolkata"},
		{"m.ferrante", "Discovery", "Europe/Rome"},
		{"k.ito", "Discovery", "Asia/Tokyo"},
		{"p.novakova", "Accounts", "Europe/Prague"},
		{"d.whitlam", "Accounts", "Australia/Melbourne"},
		{"s.abebe", "Engagement", "Africa/Nairobi"},
		{"l.garnier", "Mobile", "Europe/Paris"},
		{"h.tran", "Mobile", "Australia/Melbourne"},
		{"o.petersen", "Data", "Europe/Berlin"},
		{"v.castell", "Data", "America/Toronto"},
		{"n.rahimi", "Fulfilment", "Europe/London"},
		{"e.brandt", "Fulfilment", "Europe/Berlin"},
		{"c.doyle", storefrontL2, "Australia/Melbourne"},
		{"y.mensah", storefrontL2, "Europe/London"},
		{"b.harker", storefrontL2, "Australia/Melbourne"},
		{"i.vasile", backOfficeL2, "Europe/Bucharest"},
		{"g.moreau", backOfficeL2, "Europe/Paris"},
		{"q.adeyemi", management, "Europe/London"},
	}
}

// member returns a person of the team; turn decides which one.
func (w *World) member(team string, turn int) string {
	var members []string
	for _, p := range w.People {
		if p.Team == team {
			members = append(members, p.Handle)
		}
	}
	if len(members) == 0 {
		return ""
	}
	return members[turn%len(members)]
}

func (w *World) service(name string) Service {
	for _, s := range w.Services {
		if s.Name == name {
			return s
		}
	}
	return Service{}
}
