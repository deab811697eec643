# The upload queue.
back = Back to desk
send-now = Send now
lead = Everything sealed is on this machine and survives power and network cuts. Only a signed receipt counts as “received by the hall”.
empty-title = All delivered
empty-words = The hall has everything that was sealed here.
why = Why it is not there yet
total = { $filings } not received by the hall · { $pages } pages, { $size }
sealed = { $number } · sealed { $when } · { $pages } pages
waiting = Waiting
sending = Sending
received = Received by the hall
next-try = tried again at { $time }
earlier = Previous
later = Next
page = Page { $page } of { $pages }
