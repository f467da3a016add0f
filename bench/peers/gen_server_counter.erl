%% Sequential gen_server:call from one Erlang process to another. The argument is the number of calls; prints
%% the seconds they took.
-module(gen_server_counter).
-behaviour(gen_server).
-export([main/1, init/1, handle_call/3, handle_cast/2]).

init(Count) -> {ok, Count}.

handle_call({increment, By}, _From, Count) -> {reply, Count + By, Count + By}.

handle_cast(_Message, Count) -> {noreply, Count}.

main([Argument]) ->
    Calls = list_to_integer(Argument),
    {ok, Counter} = gen_server:start(?MODULE, 0, []),
    call(Counter, Calls div 5),
    Started = erlang:monotonic_time(microsecond),
    call(Counter, Calls),
    io:format("~.6f~n", [(erlang:monotonic_time(microsecond) - Started) / 1.0e6]),
    halt().

call(_Counter, 0) -> ok;
call(Counter, Left) ->
    _Count = gen_server:call(Counter, {increment, 1}),
    call(Counter, Left - 1).
