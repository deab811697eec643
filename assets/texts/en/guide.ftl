# Guides to print: of a window and of a matter (town-hall catalogue guide).
hall-unnamed = Town hall of services of XX
window-title = { $hall }: guide of the window { $window }
matter-title = { $matter }: guide
version = Catalogue { $version }, in force from { $from }
unverified = The guide published locally prevails
comma = { ", " }
col-matter = Matter
col-badge = Kind
col-runs = At most one visit
col-limit = Promise
instant = On the spot
promised = Promised
once = Yes
runs = { $runs } visits
at-once = on the spot
working-days = { $days } working days
natural-days = { $days } days
limit-statutory = By law: { $limit }
limit-promised = Promised: { $limit } (counted from the day after acceptance)
limit-promised-received = Promised: { $limit } (counted from the day after the town has it)
limit-promised-at-once = Promised: on the spot
limit-correction = A correction is answered within { $limit }
original = original
copy = copy or digital
pages = { $count ->
    [one] 1 page
   *[other] { $count } pages
}
pages-between = { $min } to { $max } pages
pages-at-most = at most { $max ->
    [one] 1 page
   *[other] { $max } pages
}
material = { $name } ({ $kind }, { $pages }; from { $provider }): { $hint }
how-proxy_anyone = Somebody else may file it with a mandate
how-proxy_relatives_only = Only a close relative or guardian may file it for you
how-proxy_nobody = You must file it yourself
how-self_yes = Can be filed alone at the terminal
how-self_assisted = Can be filed at the terminal with the agent beside you
how-self_no = Filed by the agent or at the window
how-in_person = You must be seen in person
section-summary = What it is
section-basis = Legal basis
section-conditions = Conditions
section-materials = What to bring
section-levels = Levels
section-steps = Steps
section-how = How it is filed
section-special = Special procedures
section-limit = Limits
section-fee = Fee and its basis
section-result = Result
section-delivery = Delivery
section-season = Season
section-elsewhere = Where to go
section-facts = Good to know
section-contact = Questions
section-complaint = Complaints
