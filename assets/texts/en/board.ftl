# The notice board: the six headings of the policy, and what a village point promises under them.
back = Back
duties = Duties
people = People
services = Services
one-visit = One-visit matters
procedure = Procedure
rules = Rules
duties-text =
    Takes villagers' applications, helps with forms and pages, sends them up the same day.
    Says once and in full what to bring, where to go and how long it takes.
    Acts for those who cannot come, visits and accompanies where needed.
    Tells the resident when it is done and hands over the result.
    Publishes matters, steps, limits and telephone numbers; takes no money.
    Keeps residents' data and uses them only for what was asked.
procedure-text =
    Say what it is about; the identity card is compared.
    Two or three questions show whether all papers are here.
    The form is filled, the pages photographed, the resident checks both.
    Sealed: the resident gets a number and a query code.
    The clock starts when the hall has it; every step is told.
    The resident signs for the result.
rules-text =
    First asked, first responsible: who was asked sees it through.
    Posts A and B: when one is away the other acts.
    Told once: all that is missing is said at one time.
    Time limits: ended in time, or the reason for more time is given.
    Accountability: delay, evasion and fees have consequences.
    Complaints: call the supervision number; each has a number and an answer.
catalogue = { $count } matters · catalogue { $version }
by-oneself = self-service
assisted = assisted
by-agent = by the agent
visits = { $count ->
    [0] no visit
    [1] one visit
   *[other] { $count } visits
}
person = { $name } · { $phone }
point-phone = This point
