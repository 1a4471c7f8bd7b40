package pagerdutyapi

import (
	"encoding/json"
	"net/http"
)

// refusal is an error answer in the vendor's form.
type refusal struct {
	status  int
	code    int
	message string
	errors  []string
}

var (
	unauthorized    = &refusal{status: http.StatusUnauthorized, code: 2006, message: "Invalid token"}
	forbidden       = &refusal{status: http.StatusForbidden, code: 2010, message: "Access Denied"}
	notFound        = &refusal{status: http.StatusNotFound, code: 2100, message: "Not Found"}
	tooManyRequests = &refusal{status: http.StatusTooManyRequests, code: 2020, message: "Rate Limit Exceeded"}
)

// invalid refuses a value that a parameter cannot have.
func invalid(reason string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: 2001, message: "Invalid Input Provided", errors: []string{reason}}
}

// badArguments refuses parameters that are each good but not together.
func badArguments(reason string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: 2002, message: "Arguments Caused Error", errors: []string{reason}}
}

func (f *refusal) write(w http.ResponseWriter) {
	type detail struct {
		Message string   `json:"message"`
		Code    int      `json:"code"`
		Errors  []string `json:"errors,omitempty"`
	}
	body, err := json.Marshal(map[string]detail{"error": {f.message, f.code, f.errors}})
	if err != nil {
		panic(err) // strings and numbers only
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.status)
	w.Write(body)
}
