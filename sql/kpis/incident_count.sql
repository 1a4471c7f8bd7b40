-- kpi:      incident_count
-- title:    Incidents
-- also:     incident volume, number of incidents
-- asks:     How many incidents began?
-- kind:     count
-- entity:   incident
-- better:   lower
-- counts:   incidents created in the period
-- excludes: exercises and planned maintenance; merged into another incident; flaps of an episode that counts already
-- reads:    incidents
-- source:   ITIL 4, incident management practice: number of incidents
-- tests:    value = 1
SELECT
    'incident_count' AS kpi, 'incident' AS entity, id, key, title, url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    toNullable(created_at) AS at,
    toNullable(1.0) AS value,
    CAST(NULL, 'Nullable(UInt8)') AS hit,
    map('service', services, 'team', teams, 'severity', [toString(severity)]) AS dims,
    'created' AS basis,
    CAST([], 'Array(String)') AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(reason = '') AS included,
    multiIf(exercise = 1, 'exercise or planned maintenance',
            merged_into != '', concat('merged into ', merged_into),
            flap_of != '', concat('flap of ', flap_of),
            '') AS reason
FROM incidents
