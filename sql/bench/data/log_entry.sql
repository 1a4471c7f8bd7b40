-- The facts of log entry number e: each incident has ten.
concat('R', upper(hex(cityHash64(e, 'entry')))) AS entry_id,
multiIf(place = 0, 'trigger', place IN (1, 6), 'assign',
        place = 4 AND acked = 1, 'acknowledge', place = 5 AND h % 16 = 0, 'escalate',
        place = 7 AND is_reopened = 1, 'resolve', place = 8 AND is_reopened = 1, 'reopen', place = 8 AND h % 3 = 0, 'annotate',
        place = 9 AND is_open = 0, 'resolve', 'notify') AS kind,
created_at + toIntervalSecond(toUInt32(multiIf(
    place = 0, 0, place = 1, 2, place = 2, 5, place = 3, 65, place = 4, ack_after, place = 5, ack_after + 60, place = 6, ack_after + 61,
    place = 7, resolve_after * 0.8, place = 8, resolve_after * 0.9, resolve_after))) AS at,
if(kind IN ('acknowledge', 'annotate', 'escalate', 'reopen') OR (kind = 'resolve' AND h % 4 != 0), 'user', 'service') AS agent,
if(agent = 'user', user_id, service_id) AS agent_id,
if(agent = 'user', user_name, service) AS agent_name,
if(place IN (3, 5), (team_no * 10 + (h + 1) % 10), user_no) AS paged_no,
concat(char(65 + paged_no % 25), '. ', ['Mensah', 'Doyle', 'Okonjo', 'Lindqvist', 'Harker', 'Sandhu', 'Rahimi', 'Ferrante', 'Whitlam', 'Novak', 'Tanaka', 'Silva', 'Moreau', 'Kowalski', 'Haddad', 'Jensen', 'Ricci', 'Osei', 'Petrov', 'Nguyen', 'Larsen', 'Costa', 'Weber', 'Ivers'][1 + intDiv(paged_no, 25) % 24]) AS paged_name,
concat('PU', leftPad(toString(paged_no), 6, '0')) AS paged_id,
if(h % 90 = 0, concat('Looks like CHG', leftPad(toString(toUInt64(greatest(toInt64(n) - h % 7, 0))), 7, '0'), ' did it; rolling back.'),
   concat('Restarted the workers of ', service, ', watching the queue. Numbers go down since ', formatDateTime(at, '%H:%i'), '.')) AS note,
multiIf(kind = 'trigger', 'Triggered through the API.', kind = 'notify', concat('Notified ', paged_name, '.'), kind = 'annotate', concat('Note added by ', user_name, '.'),
        concat(upper(substring(kind, 1, 1)), substring(kind, 2), 'd by ', agent_name, '.')) AS said
