"""The pages of the committee's console: one module a page. What they show and do is in election_service/console."""
